/** Opens the page. */
import { App } from './app.ts';

new App().open();
