// The mark of a layer that no prune may touch.
import { Icon } from '../ui/icon';

export function Locked() {
  return <span class="lock" role="img" aria-label="protected from pruning" title="Protected from pruning"><Icon name="lock" /></span>;
}
