/** What the methods throw: a sentence for people, a code for programs. */
export class ShineSkinError extends Error {
  constructor(code, message, cause) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ShineSkinError";
    this.code = code;
  }

  /** A fault of any kind as one of ours. */
  static from(fault) {
    if (fault instanceof ShineSkinError) return fault;
    const code = typeof fault?.code === "string" ? fault.code : "internal";
    return new ShineSkinError(code, fault?.message ?? String(fault), fault);
  }
}
