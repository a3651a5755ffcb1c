/** Nothing is known to who is shown no list at all, for a bad domain handle for instance: the call itself says why. */
export function listed(look: () => boolean): boolean {
  try {
    return look();
  } catch {
    return false;
  }
}
