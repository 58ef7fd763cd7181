import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Answer } from "./route.ts";

/**
 * A page of one file, with its style and script inside and nothing from elsewhere: its content security policy names
 * their very hashes, and lets it talk to this server alone.
 * @param file beside this module
 * @returns the page with data for its script, in place of `null` in `<script id="data" type="application/json">`
 */
export function loadPage(file: string): (data?: unknown) => Answer {
  const source = readFileSync(new URL(file, import.meta.url), "utf8");
  const policy = [
    "default-src 'none'",
    "base-uri 'none'",
    "connect-src 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "img-src data:",
    `script-src ${hashesOf(source, /<script>([\s\S]*?)<\/script>/g)}`,
    `style-src ${hashesOf(source, /<style>([\s\S]*?)<\/style>/g)}`,
  ];
  const headers = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": policy.join("; "),
    "Cache-Control": "no-cache",
  };
  return (data = null) => {
    const json = JSON.stringify(data).replaceAll("<", "\\u003c");
    return {
      status: 200,
      text: source.replace('type="application/json">null<', () => `type="application/json">${json}<`),
      headers,
    };
  };
}

function hashesOf(source: string, tag: RegExp): string {
  const hashes = Array.from(source.matchAll(tag), ([, content = ""]) => {
    return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
  });
  return hashes.length === 0 ? "'none'" : hashes.join(" ");
}
