import type { Framing } from "./http1_body.ts";

/** The head of a request, RFC 9112 §3 and §5. */
export interface RequestHead {
  readonly method: string;
  /** As it stands there: a path with its query; `*` where the server as a whole is meant. */
  readonly target: string;
  readonly headers: Headers;
  readonly framing: Framing;
  /** The client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
  /** Another request may follow on the connection. */
  readonly keepsAlive: boolean;
}

/**
 * Reads what stands before the empty line. `undefined` for what is no request. Old source clients of
 * Icecast say `ICE/1.0` where others say `HTTP/1.0`, and send until they close.
 */
export function readRequestHead(text: string): RequestHead | undefined {
  const [first = "", ...lines] = text.split(/\r?\n/);
  const [, method, target, version] =
    /^([A-Z]{1,20}) (\/\S{0,2000}|\*) (HTTP\/1\.[01]|ICE\/1\.0)$/.exec(first) ?? [];
  if (method === undefined || target === undefined) return undefined;
  const headers = readHeaders(lines);
  const framing = headers && framingOf(method, headers);
  if (!headers || framing === undefined) return undefined;
  return {
    method,
    target,
    headers,
    framing,
    expectsContinue: headers.get("Expect")?.toLowerCase() === "100-continue",
    keepsAlive: version === "HTTP/1.1" && framing !== "until-close" &&
      !/\bclose\b/i.test(headers.get("Connection") ?? ""),
  };
}

function readHeaders(lines: readonly string[]): Headers | undefined {
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    try {
      headers.append(name, value);
    } catch {
      return undefined;
    }
  }
  return headers;
}

/** RFC 9112 §6.3; who sends both a length and chunks may mean to smuggle. */
function framingOf(method: string, headers: Headers): Framing | undefined {
  const coding = headers.get("Transfer-Encoding");
  const length = headers.get("Content-Length");
  if (coding !== null) {
    return coding.toLowerCase() === "chunked" && length === null ? "chunked" : undefined;
  }
  if (length !== null) return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  return method === "PUT" || method === "SOURCE" ? "until-close" : 0;
}
