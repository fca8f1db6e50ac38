/** What `work` comes to, or an error with this message when it takes longer. It goes on unheard then. */
export function inTime<T>(work: Promise<T>, milliseconds: number, message: string): Promise<T> {
  work.catch(() => undefined);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(message)), milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
