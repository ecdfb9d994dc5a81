/** What registries have served. Bytes are those of bodies. */
export interface Served {
  readonly requests: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

export const nothingServed: Served = { requests: 0, bytesReceived: 0, bytesSent: 0 };

export function sumOf(all: readonly Served[]): Served {
  return all.reduce(
    (sum, each) => ({
      requests: sum.requests + each.requests,
      bytesReceived: sum.bytesReceived + each.bytesReceived,
      bytesSent: sum.bytesSent + each.bytesSent,
    }),
    nothingServed,
  );
}
