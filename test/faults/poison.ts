// Loaded into a server process before its entry (`NODE_OPTIONS=--import`): makes places throw that no client can make
// throw. A command that writes `<sessionId>#<place>` to `shared/poison` arms it there; its next call throws, once.
import { SessionPresence } from "../../src/core/presence.ts";
import { SessionState } from "../../src/core/state.ts";
import { CommandDesk } from "../../src/live/command-desk.ts";
import { PatchPacer } from "../../src/live/patch-pacer.ts";
import { Projector } from "../../src/room/projector.ts";
import { Seats } from "../../src/room/seats.ts";
import { SafeSerializer } from "../../src/room/serializer.ts";
import { SessionRoom } from "../../src/room/session-room.ts";

/** place → in which session, and how many of its calls there still pass before one throws */
const armed = new Map<string, { readonly sessionId: string; passes: number }>();

/** @param sessionOf of the object whose method it is; where it cannot know, the next call in any session throws */
function poison(place: string, prototype: object, method: string, sessionOf?: (self: never) => string): void {
  const methods = prototype as Record<string, (...given: unknown[]) => unknown>;
  const original = methods[method];
  if (original === undefined) throw new Error(`there is no ${place}`);
  methods[method] = function (...given) {
    const arm = armed.get(place);
    if (arm !== undefined && (sessionOf === undefined || sessionOf(this as never) === arm.sessionId)) {
      if (arm.passes === 0) {
        armed.delete(place);
        throw new TypeError(`poison in ${place}`);
      }
      arm.passes -= 1;
    }
    return original.apply(this, given);
  };
}

const inState = ({ sessionId }: SessionState) => sessionId;
const inProjector = ({ schema }: Projector) => schema.sessionId;
const inRoom = ({ session }: SessionRoom) => session.sessionId;

poison("SessionPresence.advance", SessionPresence.prototype, "advance");
poison("SessionPresence.connected", SessionPresence.prototype, "connected");
poison("SessionPresence.disconnected", SessionPresence.prototype, "disconnected");
poison("SessionState.apply", SessionState.prototype, "apply", inState);
poison("PatchPacer.request", PatchPacer.prototype, "request");
poison("Projector.committed", Projector.prototype, "committed", inProjector);
poison("Projector.digest", Projector.prototype, "digest", inProjector);
poison("Projector.enter", Projector.prototype, "enter", inProjector);
poison("Projector.leave", Projector.prototype, "leave", inProjector);
poison("Projector.person", Projector.prototype, "person", inProjector);
poison("Seats.take", Seats.prototype, "take");
poison("SafeSerializer.getFullState", SafeSerializer.prototype, "getFullState");
poison("SessionRoom.broadcastPatch", SessionRoom.prototype, "broadcastPatch", inRoom);
poison("SessionRoom.closed", SessionRoom.prototype, "closed", inRoom);

const submit = CommandDesk.prototype.submit;
CommandDesk.prototype.submit = function (userId, message) {
  const payload = (message as { payload?: { path?: unknown; value?: unknown } } | null)?.payload;
  const reply = submit.call(this, userId, message);
  if (payload?.path !== "shared/poison") return reply;
  // armed when all that the command itself brings about is through
  return Promise.resolve(reply).then(async (answer) => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    const [sessionId = "", place = "", passes = "0"] = String(payload.value).split("#");
    armed.set(place, { sessionId, passes: Number(passes) });
    return answer;
  });
};
