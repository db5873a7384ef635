/** What the visitor takes along: the link, and files. */
import { type Exported, type Format, fileOf, save } from './exports.ts';

export interface TakeawayActions {
  /** The run as it stands; undefined before there is one. */
  run(): Exported | undefined;
  picture(): Promise<Blob>;
  say(text: string): void;
}

export function offerTakeaways(share: HTMLButtonElement, exports: Iterable<HTMLButtonElement>, actions: TakeawayActions): void {
  share.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      actions.say('Link copied: it holds the problem, its settings and the seed.');
    } catch {
      actions.say('The link is in the address bar.');
    }
  });
  for (const button of exports) {
    button.addEventListener('click', async () => {
      const run = actions.run();
      if (!run) return;
      const format = button.dataset.export as Format | 'png';
      if (format === 'png') save({ name: `modescape-${run.settings.problem}.png`, blob: await actions.picture() });
      else save(fileOf(format, run));
    });
  }
}
