// A dialog on the platform's own <dialog>: it traps focus, dims the page, Escape closes.
import { useEffect, useRef } from 'preact/hooks';
import type { ComponentChildren } from 'preact';

export function Modal({ title, wide = false, kind = '', onClose, children }: {
  title: string; wide?: boolean; kind?: string; onClose: () => void; children: ComponentChildren;
}) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const own = box.current!;
    if (!own.open) own.showModal();
    return () => own.close();
  }, []);
  return (
    <dialog class={`modal${wide ? ' modal-wide' : ''} ${kind}`.trim()} aria-label={title} ref={box}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onPointerDown={(event) => { if (event.target === box.current) onClose(); }}>
      <div class="modal-body">{children}</div>
    </dialog>
  );
}
