/** Where the admin API has one certificate. */
export function certificatePath(named: { issuer: string; serialNumber: string }): string {
  return `/certificates/${encodeURIComponent(named.issuer)}/${named.serialNumber}`;
}
