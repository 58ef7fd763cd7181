/** An object as it is, but for some methods of its own. (A prototype would not do: private fields are the instance's.) */
export function withMethods<T extends object>(object: T, own: Partial<T>): T {
  return new Proxy(object, {
    get(target, property) {
      if (property in own) return Reflect.get(own, property);
      const member: unknown = Reflect.get(target, property, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
