import type { Measurement, Ratio } from './measurement.js';

/** Measurements and ratios for a terminal. */
export function tables(measurements: readonly Measurement[], ratios: readonly Ratio[]): string {
  const measured = measurements.map((each) => [
    each.what,
    each.who,
    seconds(each.wall),
    seconds(each.cpu),
    mebibytes(each.peakMemory),
    mebibytes(each.registryMemory),
    count(each.served?.requests),
    mebibytes(each.served?.bytesSent),
    mebibytes(each.served?.bytesReceived),
    count(each.written?.objects),
    mebibytes(each.written?.bytes),
    seconds(each.start),
  ]);
  const compared = ratios.map((each) => [
    each.what,
    `ours / ${each.peer}`,
    ...[each.wall, each.cpu, each.peakMemory, each.requests, each.written].map(
      (ratio) => ratio?.toFixed(2) ?? '',
    ),
  ]);
  const columns = [
    ...['', '', 'wall s', 'CPU s', 'memory MiB', 'registry MiB'],
    ...['requests', 'read MiB', 'written MiB', 'objects', 'output MiB', 'start s'],
  ];
  return [
    aligned([columns, ...measured]),
    ...(compared.length === 0
      ? []
      : [aligned([['', '', 'wall', 'CPU', 'memory', 'requests', 'output'], ...compared])]),
  ].join('\n\n');
}

/** Columns as wide as their widest cell, without those that nothing stands in; numbers to the right. */
function aligned(table: readonly (readonly string[])[]): string {
  const [, ...body] = table;
  const rows = table.map((row) =>
    row.filter((_, column) => body.some((cells) => cells[column] !== '')),
  );
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

function seconds(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '' : (milliseconds / 1000).toFixed(2);
}

function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? '' : (bytes / 1024 / 1024).toFixed(1);
}

function count(number: number | undefined): string {
  return number === undefined ? '' : String(number);
}
