/** `a ferramenta x` behind `de` is `da ferramenta x`: Portuguese contracts the two, always. */
export function of(what: string): string {
  return /^(?:[ao]s?|est[ae]s?) /.test(what) ? `d${what}` : `de ${what}`;
}
