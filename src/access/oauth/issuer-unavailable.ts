/** The issuer cannot be asked now: nobody may be let in for that, nor be told that their token is bad. */
export class IssuerUnavailableError extends Error {
  override readonly name = 'IssuerUnavailableError';
}
