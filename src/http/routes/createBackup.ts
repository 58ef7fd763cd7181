import { z } from "zod";
import { operatorsOnly } from "../access.ts";
import { problem } from "../problem.ts";
import { route } from "../route.ts";

export const createBackup = route({
  method: "POST",
  path: "/api/admin/backups",
  id: "createBackup",
  summary: "Copies the embedded store into a file beside it, while people play on it",
  who: "operator",
  may: (_found, { claims }) => operatorsOnly(claims),
  answers: {
    201: {
      description: "It is whole and on the disk",
      schema: z.strictObject({
        file: z.string().describe("where it is on the server's machine"),
        bytes: z.int().positive(),
      }),
    },
  },
  problems: ["forbidden", "not_found"],
  async handle({ deps }) {
    const { backups } = deps.stores;
    if (backups === null) return problem("not_found", "MongoDB is backed up by its own tools.");
    return { status: 201, json: await backups.make(deps.clock.now()) };
  },
});
