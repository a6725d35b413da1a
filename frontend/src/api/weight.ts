// Asks the server about one weight: histogram, channels, mask, tiles of it, values, broken groups.
import { fetchBytes, get } from './client';
import type { Histogram, MaskFacts, Profiles, Violations } from './schema';

export const weightApi = {
  histogram: (id: number, stop: AbortSignal) => get<Histogram>(`/api/weight/${id}/histogram`, stop),
  profiles: (id: number, stop: AbortSignal) => get<Profiles>(`/api/weight/${id}/profile`, stop),
  /** An overview of at most `size` x `size` pixels comes with it. */
  mask: (id: number, size: number, stop: AbortSignal) => get<MaskFacts>(`/api/weight/${id}/mask?rows=${size}&columns=${size}`, stop),
  violations: (id: number, format: string, limit: number, stop: AbortSignal) =>
    get<Violations>(`/api/weight/${id}/violations?format=${encodeURIComponent(format)}&limit=${limit}`, stop),
  /** Density and magnitude, one plane after the other. */
  tile: async (id: number, pool: number, row: number, column: number, stop: AbortSignal) =>
    new Uint8Array(await fetchBytes(`/api/weight/${id}/tile?pool=${pool}&row=${row}&column=${column}`, stop)),
  values: async (id: number, row: number, column: number, height: number, width: number, stop: AbortSignal) =>
    new Float32Array(await fetchBytes(`/api/weight/${id}/values?row=${row}&column=${column}&height=${height}&width=${width}`, stop)),
};
