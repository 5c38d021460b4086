/** Whether the box for saving and sharing is open, and which part of it. */
export type SavingPart = 'paper' | 'picture' | 'film' | 'values';

class Saving {
  shown = $state(false);
  /** The kind of file whose choices are unfolded. */
  part = $state<SavingPart | null>(null);

  open(part: SavingPart | null = null): void {
    this.part = part;
    this.shown = true;
  }
}

export const saving = new Saving();
