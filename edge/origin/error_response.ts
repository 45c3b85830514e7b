/** What a person who asked reads: what is wrong and what to do. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}

/** A JSON answer for a request that cannot be served; it must not be cached. */
export function errorResponse(
  status: number,
  error: ErrorBody["error"],
  headers: Record<string, string> = {},
): Response {
  const body: ErrorBody = { error };
  return Response.json(body, { status, headers: { "Cache-Control": "no-store", ...headers } });
}
