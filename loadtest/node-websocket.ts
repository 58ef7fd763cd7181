/**
 * Imported for its effect, before the SDK: the SDK takes the global WebSocket where there is one, else the package `ws`.
 * Only the latter can be cut without a goodbye and made to read slowly, as phones are.
 */
Reflect.deleteProperty(globalThis, "WebSocket");
