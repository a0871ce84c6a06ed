/** The given domain is no public host name. The caller answers 422. */
export class InvalidDomainError extends Error {
  override readonly name = "InvalidDomainError";

  constructor(message = "This is not a public host name.") {
    super(message);
  }
}

/** The site did not answer, or nothing on it tells of a brand. The caller answers 404. */
export class BrandNotFoundError extends Error {
  override readonly name = "BrandNotFoundError";

  constructor(domain: string, options?: ErrorOptions) {
    super(`No brand was found at ${domain}, or the site did not answer.`, options);
  }
}
