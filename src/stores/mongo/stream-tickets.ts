import type { KeptTicket, KeptTickets } from "../../ports/stream-tickets.ts";
import { reading, writing } from "./answer.ts";
import type { Models, TicketDocument } from "./models.ts";

/** Tickets for streams, a document each. */
export class MongoTickets implements KeptTickets {
  readonly #tickets: Models["tickets"];

  constructor({ tickets }: Models) {
    this.#tickets = tickets;
  }

  async put({ hash, holder, ...rest }: Omit<KeptTicket, "openIn" | "uses">, now: number): Promise<void> {
    const past = [{ expiresAt: { $lte: now } }, { openIn: null, goodUntil: { $lte: now } }];
    await writing(this.#tickets.deleteMany({ $or: past }).exec());
    const { expiresAt } = holder;
    await writing(this.#tickets.create({ _id: hash, holder, expiresAt, ...rest, openIn: null, uses: 0 }));
  }

  async find(hash: string): Promise<KeptTicket | undefined> {
    const found = await reading(this.#tickets.findById(hash).lean<TicketDocument>().exec());
    if (found === null) return undefined;
    const { sessionId, holder, goodUntil, openIn, uses } = found;
    return { hash, sessionId, holder, goodUntil, openIn: openIn ?? null, uses };
  }

  async opened(hash: string, processId: string): Promise<number | undefined> {
    const update = { $set: { openIn: processId }, $inc: { uses: 1 } };
    const options = { returnDocument: "after", lean: true } as const;
    const found = await writing(this.#tickets.findOneAndUpdate({ _id: hash }, update, options).exec());
    return (found as TicketDocument | null)?.uses;
  }

  async closed(hash: string, use: number, goodUntil: number): Promise<void> {
    await writing(this.#tickets.updateOne({ _id: hash, uses: use }, { $set: { openIn: null, goodUntil } }).exec());
  }
}
