import { Injectable } from '@nestjs/common';

/** Whether the process was asked to end: from then on /readyz says so, and connections close as they fall idle. */
@Injectable()
export class Draining {
  begun = false;

  begin(): void {
    this.begun = true;
  }
}
