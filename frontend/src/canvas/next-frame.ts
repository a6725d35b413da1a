// The next picture: asked for as often as anything changes, painted once, and told to those who wait for it.

export class NextFrame {
  private id = 0;
  private waiting: (() => void)[] = [];

  constructor(private readonly paint: () => void) {}

  /** True while a picture is still to come. */
  get due(): boolean {
    return this.id !== 0;
  }

  ask(): void {
    if (this.due) return;
    this.id = requestAnimationFrame(() => {
      this.id = 0;
      try {
        this.paint();
      } finally {
        // Also where painting fails: nobody would ever wake who waits for it.
        this.settle();
      }
    });
  }

  /** Resolves when nothing is due, or the picture that was due is there. */
  painted(): Promise<void> {
    if (!this.due) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** The picture that was asked for is not needed any more. */
  drop(): void {
    cancelAnimationFrame(this.id);
    this.id = 0;
    this.settle();
  }

  private settle(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
