// A dialog on the platform's own <dialog>: it traps focus, dims the page, Escape closes.
import { useEffect, useRef } from 'preact/hooks';
import type { ComponentChildren } from 'preact';

export function Modal({ title, wide = false, onClose, children }: {
  title: string; wide?: boolean; onClose: () => void; children: ComponentChildren;
}) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const own = box.current!;
    if (!own.open) own.showModal();
    return () => own.close();
  }, []);
  return (
    <dialog class={wide ? 'modal modal-wide' : 'modal'} aria-label={title} ref={box}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onPointerDown={(event) => { if (event.target === box.current) onClose(); }}>
      <div class="modal-body">{children}</div>
    </dialog>
  );
}
