// The way from a verdict to the groups that break a claim: opens the mask at the first of them.
import { formatToShow, showGroups } from '../state/picture';
import type { WeightRow } from '../api/schema';

export function ShowGroups({ row }: { row: WeightRow }) {
  const format = formatToShow(row, row.declared?.format?.toLowerCase() ?? '');
  if (format === null) return null;
  return <button type="button" class="btn small" onClick={() => showGroups(format)}>Show groups</button>;
}

/** The count of broken groups as a way to them. */
export function GroupsLink({ format, text }: { format: string; text: string }) {
  return <button type="button" class="link groups-link" title="Show them in the mask" onClick={() => showGroups(format)}>{text}</button>;
}
