import { z } from "zod";
import { PROBLEMS, type ProblemCode } from "./problem.ts";
import type { AnswerShape, Route } from "./route.ts";
import { ProblemShape } from "./shapes/problem.ts";

type Schema = Record<string, unknown>;

const DESCRIPTION = `Campaigns, their live sessions and who may be in them. What happens inside a session goes over a Colyseus room.

Errors are \`application/problem+json\`. Checks come in this order: token (401), method (405), rate (429), existence for this person (404),
right (403), body (400), state (409).`;

/** The OpenAPI 3.1 description of a table of routes, from the very schemas that check what comes in. */
export function openApi(routes: readonly Route[]): object {
  const components: Record<string, Schema> = {};
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, components) };
  }
  schemaOf(ProblemShape, "output", components);
  return {
    openapi: "3.1.0",
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    info: { title: "Campaign Live Sessions", version: "1", description: DESCRIPTION },
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        ticket: { type: "apiKey", in: "query", name: "ticket" },
      },
    },
  };
}

function operationOf(route: Route, components: Record<string, Schema>): object {
  const { id, summary, who, open, body, query, answers } = route;
  return {
    operationId: id,
    summary,
    description: `Who: ${who}.`,
    security: open ? [] : [{ bearer: [] }, ...(query !== undefined && "ticket" in query.shape ? [{ ticket: [] }] : [])],
    parameters: [...pathParameters(route), ...queryParameters(route, components)],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: !body.safeParse({}).success,
            content: { "application/json": { schema: schemaOf(body, "input", components) } },
          },
        }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, shape]) => [status, answerOf(shape, components)])),
      ...problemAnswers(codesOf(route)),
    },
  };
}

function answerOf({ description, schema, mediaType }: AnswerShape, components: Record<string, Schema>): object {
  if (mediaType !== undefined) return { description, content: { [mediaType]: { schema: { type: "string" } } } };
  if (schema === undefined) return { description };
  return { description, content: { "application/json": { schema: schemaOf(schema, "output", components) } } };
}

function pathParameters({ path }: Route): object[] {
  return Array.from(path.matchAll(/:(\w+)/g), ([, name]) => {
    return { name, in: "path", required: true, schema: { type: "string", minLength: 1 } };
  });
}

function queryParameters({ query }: Route, components: Record<string, Schema>): object[] {
  return Object.entries(query?.shape ?? {}).map(([name, field]) => {
    // What a parameter stands for, not the text that it comes as: hence the schema of the output.
    const schema = schemaOf(field as z.ZodType, "output", components);
    return { name, in: "query", required: false, schema };
  });
}

function codesOf({ open, path, method, body, query, problems = [] }: Route): ProblemCode[] {
  const codes = new Set<ProblemCode>(problems);
  if (!open) codes.add("unauthenticated");
  if (path.includes(":")) codes.add("not_found").add("bad_request");
  if (body !== undefined || query !== undefined) codes.add("bad_request");
  if (method !== "GET") codes.add("bad_request").add("payload_too_large").add("unsupported_media_type");
  if (path.startsWith("/api")) codes.add("unavailable");
  if (path.startsWith("/api") && method !== "GET") codes.add("rate_limited");
  return [...codes];
}

function problemAnswers(codes: readonly ProblemCode[]): Record<string, object> {
  const byStatus = Object.groupBy(codes, (code) => String(PROBLEMS[code][0]));
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, some = []]) => [
      status,
      {
        description: some.map((code) => `\`${code}\`: ${PROBLEMS[code][1]}`).join("; "),
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    ]),
  );
}

/** A schema as OpenAPI has it; those with a name of their own go to the components. */
function schemaOf(schema: z.ZodType, io: "input" | "output", components: Record<string, Schema>): Schema {
  const { $schema: _, $defs = {}, ...json } = z.toJSONSchema(schema, { io, target: "draft-2020-12" }) as Schema;
  for (const [name, definition] of Object.entries($defs as Record<string, Schema>)) {
    const { id: __, $id: ___, ...rest } = definition;
    components[name] = inComponents(rest);
  }
  return inComponents(io === "input" ? withNulls(json) : json);
}

/** What a body may leave out it may also say as null. */
function withNulls(schema: Schema): Schema {
  if (schema.type !== "object" || schema.properties === undefined) return schema;
  const required: unknown = schema.required ?? [];
  const properties = Object.entries(schema.properties as Record<string, Schema>).map(([name, property]) => {
    const inner = withNulls(property);
    const isRequired = Array.isArray(required) && required.includes(name);
    return [name, isRequired ? inner : orNull(inner)] as const;
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

function orNull(schema: Schema): Schema {
  const { type, enum: values, ...rest } = schema;
  if (typeof type !== "string") return { anyOf: [schema, { type: "null" }] };
  return { type: [type, "null"], ...(Array.isArray(values) ? { enum: [...values, null] } : {}), ...rest };
}

function inComponents(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/'));
}
