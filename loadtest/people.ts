import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { SignJWT } from "jose";
import type { Person } from "./seat.ts";

/** Where tokens come from: the person of a number from 0, always the same one. */
export type People = (index: number) => Promise<Person>;

const HOURS = 12;

/** Tokens signed here with the server's own `AUTH_JWT_SECRET` (HS256). */
export function signedBy(secret: string): People {
  const key = new TextEncoder().encode(secret);
  return async (index) => {
    const userId = `load-${index}`;
    const token = await new SignJWT({ name: `Load ${index}` })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(userId)
      .setExpirationTime(`${HOURS}h`)
      .sign(key);
    return { userId, token };
  };
}

/** Tokens by dev login. The server gives 20 in 10 s: where it asks to wait, this waits. */
export function devLogin(endpoint: string): People {
  const known = new Map<number, Promise<Person>>();
  const ask = async (index: number): Promise<Person> => {
    const userId = `load-${index}`;
    const body = JSON.stringify({ userId, name: `Load ${index}` });
    for (;;) {
      const answer = await fetch(`${endpoint}/dev/token`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      if (answer.ok) return { userId, token: ((await answer.json()) as { token: string }).token };
      await answer.body?.cancel();
      if (answer.status !== 429) {
        throw new Error(`POST /dev/token: ${answer.status}; give --secret or --tokens for a server without dev login`);
      }
      await delay(Number(answer.headers.get("retry-after") ?? 1) * 1000);
    }
  };
  return (index) => {
    const person = known.get(index) ?? ask(index);
    known.set(index, person);
    return person;
  };
}

/** Tokens from a JSON file, `[{"userId", "token"}]`; where there are fewer than asked for, people sit at several tables. */
export function fromFile(file: string): People {
  const people = JSON.parse(readFileSync(file, "utf8")) as Person[];
  return async (index) => {
    const person = people[index % people.length];
    if (person === undefined) throw new Error(`${file} holds no tokens`);
    return person;
  };
}
