// A weight looked at closely, in the panel: mask and values side by side, channels, blocks.
import { picture } from '../state/picture';
import type { WeightRow } from '../api/schema';
import { BlocksSection } from './BlocksSection';
import { ChannelsSection } from './ChannelsSection';
import { MaskThumb } from './MaskThumb';
import { ValuesChart } from './ValuesChart';

export function WeightPicture({ row }: { row: WeightRow }) {
  const seen = picture.value;
  if (seen === null || seen.row.id !== row.id || row.elements === 0) return null;
  if (seen.problem) return <div class="sec"><h3>Mask</h3><p class="warn">{seen.problem.message} {seen.problem.hint}</p></div>;
  return (
    <>
      <div class="sec closeup">
        <MaskThumb seen={seen} />
        <ValuesChart seen={seen} />
      </div>
      {seen.profiles && seen.mask && <ChannelsSection row={row} profiles={seen.profiles} mask={seen.mask} />}
      <BlocksSection row={row} />
    </>
  );
}
