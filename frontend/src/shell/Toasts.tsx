// The floating messages.
import { IconButton } from '../ui/controls';
import { Icon } from '../ui/icon';
import { dismiss, toasts } from '../state/toasts';

export function Toasts() {
  return (
    <div class="toasts" aria-live="polite">
      {toasts.value.map((one) => (
        <div class="toast" key={one.id} role={one.tone === 'alert' ? 'alert' : 'status'}>
          <span class={one.tone}><Icon name={one.tone === 'ok' ? 'check' : 'warn'} /></span>
          <span>{one.text}{one.hint !== '' && <span class="muted"> {one.hint}</span>}</span>
          {one.action && (
            <>
              <span class="sep" />
              <button type="button" class="link" onClick={() => { dismiss(one.id); one.action!.run(); }}>{one.action.label}</button>
              {one.action.hotkey && <kbd>{one.action.hotkey}</kbd>}
            </>
          )}
          {one.tone === 'alert' && <IconButton label="Dismiss" onClick={() => dismiss(one.id)}><Icon name="close" /></IconButton>}
        </div>
      ))}
    </div>
  );
}
