/** An error that a person can act on: a stable code, what was wrong, what to do. */
export class CodedError extends Error {
  /** Stable, in kebab case, such as `playlist-malformed`. */
  readonly code: string;
  /** What to do about it, one sentence. */
  readonly hint: string;

  constructor(code: string, message: string, hint: string) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
  }
}
