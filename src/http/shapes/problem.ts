import { z } from "zod";
import { PROBLEMS, type ProblemCode } from "../problem.ts";

export const ProblemShape = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    errors: z
      .array(z.strictObject({ path: z.string().meta({ description: "a JSON Pointer" }), message: z.string() }))
      .optional(),
  })
  .meta({ id: "Problem" });
