// The frame's own state: which panel, dock, menu and dialog are open, and the canvas as others may steer it.
import { signal } from '@preact/signals';
import type { DialogRequest } from '../api/schema';
import type { Point } from '../lib/geometry';

/** What commands may do to the canvas; the shell puts the real view here. */
export interface Viewport {
  fit(animated?: boolean): void;
  panBy(dx: number, dy: number): void;
  zoomBy(factor: number): void;
  setZoom(zoom: number): void;
  goTo(index: number, animated?: boolean): Promise<void>;
  painted(): Promise<void>;
  /** Brings a world point to the middle. */
  centreOn(point: Point): void;
  /** What is looked at: the node nearest to the middle, or -1; `whole` where nodes are not read. */
  place(): { node: number; whole: boolean };
}

export const viewport = signal<Viewport | null>(null);

/** 1 is 100 %. */
export const zoom = signal(1);

export type Side = 'none' | 'node' | 'model' | 'prune' | 'effect' | 'sensitivity';

/** The side panel. */
export const side = signal<Side>('none');

/** The table of layers at the bottom. */
export const dock = signal(false);

/** Its height, CSS px; null: as the window allows. */
export const dockHeight = signal<number | null>(null);

/** The legend in the corner; small windows fold it. */
export const legend = signal(true);

export interface Popup {
  kind: 'main' | 'recent' | 'context' | 'ground' | 'graphs' | 'colour';
  x: number;
  y: number;
}

/** The open menu, at its place in CSS px. */
export const popup = signal<Popup | null>(null);

export interface Question {
  title: string;
  text: string;
  yes: string;
  /** a second way, beside the main one */
  other?: string;
  danger?: boolean;
  answer: (choice: 'yes' | 'other' | 'no') => void;
}

/** Where a save goes and how it stores; `store` absent: as the tensors are stored now. */
export interface SaveChoice {
  readonly where: 'over' | 'other';
  readonly store?: 'dense' | 'onnx-sparse';
  readonly force?: boolean;
}

/** What a file dialog is about. */
export type FileKind = NonNullable<DialogRequest['kind']>;
/** What the page's own dialog opens. */
export type OpenKind = 'model' | 'recipe' | 'data' | 'tokenizer';

export type Dialog =
  | { kind: 'open'; title: string; file: OpenKind; answer: (chosen: string | File | null) => void }
  | { kind: 'save'; over: boolean; answer: (choice: SaveChoice | null) => void }
  | { kind: 'save-as'; title: string; path: string; about: string; answer: (path: string | null) => void }
  | { kind: 'recipe' }
  | { kind: 'levels' }
  | { kind: 'picture'; file: 'png' | 'svg' }
  | { kind: 'ask'; question: Question }
  | { kind: 'shortcuts' }
  | { kind: 'palette' }
  | { kind: 'mask' };

export const dialog = signal<Dialog | null>(null);

/** True while a file is dragged over the page. */
export const dragging = signal(false);

export function ask(question: Omit<Question, 'answer'>): Promise<'yes' | 'other' | 'no'> {
  return new Promise((resolve) => {
    dialog.value = {
      kind: 'ask',
      question: {
        ...question,
        answer: (choice) => {
          dialog.value = null;
          resolve(choice);
        },
      },
    };
  });
}

/** `over`: whether the open file can be written over. */
export function askSave(over: boolean): Promise<SaveChoice | null> {
  return new Promise((resolve) => {
    dialog.value = {
      kind: 'save',
      over,
      answer: (choice) => {
        dialog.value = null;
        resolve(choice);
      },
    };
  });
}

export function askFile(file: OpenKind, title: string): Promise<string | File | null> {
  return new Promise((resolve) => {
    dialog.value = {
      kind: 'open',
      title,
      file,
      answer: (chosen) => {
        dialog.value = null;
        resolve(chosen);
      },
    };
  });
}

/** `about`: what will be in the file. */
export function askPath(path: string, title: string, about: string): Promise<string | null> {
  return new Promise((resolve) => {
    dialog.value = {
      kind: 'save-as',
      title,
      path,
      about,
      answer: (chosen) => {
        dialog.value = null;
        resolve(chosen);
      },
    };
  });
}
