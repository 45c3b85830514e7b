/** How to answer a Range header; `to` is exclusive. */
export type RangePlan =
  | { readonly status: 200; readonly from: 0; readonly to: number }
  | { readonly status: 206; readonly from: number; readonly to: number }
  | { readonly status: 416 };

/** Whether the range asks for all there is. */
export function isWhole(range: string | null): boolean {
  return range === null || range === "bytes=0-";
}

/**
 * Plans the answer to a Range header for a body of `length` bytes, after RFC 9110 §14. Ranges that
 * are malformed, in another unit, or several at once are ignored, as §14.2 allows.
 */
export function planRange(length: number, range: string | null): RangePlan {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(range ?? "") ?? [];
  const whole = { status: 200, from: 0, to: length } as const;
  if (first === undefined || last === undefined || first + last === "") return whole;
  if (first === "") {
    const suffix = Math.min(Number(last), length);
    return suffix === 0 ? { status: 416 } : { status: 206, from: length - suffix, to: length };
  }
  const from = Number(first);
  if (last !== "" && Number(last) < from) return whole;
  if (from >= length) return { status: 416 };
  return { status: 206, from, to: last === "" ? length : Math.min(length, Number(last) + 1) };
}

/** A response as `plan` says; `body` is already cut to it. `length` is that of the whole, bytes. */
export function partialResponse(
  plan: RangePlan,
  length: number,
  contentType: string,
  body: BodyInit | null,
): Response {
  const { status } = plan;
  const headers = new Headers({ "accept-ranges": "bytes", "content-type": contentType });
  if (status === 416) {
    headers.set("content-range", `bytes */${length}`);
    return new Response(null, { status, headers });
  }
  headers.set("content-length", `${plan.to - plan.from}`);
  if (status === 206) headers.set("content-range", `bytes ${plan.from}-${plan.to - 1}/${length}`);
  return new Response(body, { status, headers });
}

/** What `range` asks of a whole response. */
export async function cutResponse(whole: Response, range: string | null): Promise<Response> {
  const contentType = whole.headers.get("content-type") ?? "application/octet-stream";
  const body = await whole.blob();
  const plan = planRange(body.size, range);
  const part = plan.status === 416 ? null : body.slice(plan.from, plan.to);
  return partialResponse(plan, body.size, contentType, part);
}
