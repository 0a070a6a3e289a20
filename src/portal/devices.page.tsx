import type { JSX } from 'preact';
import { PostForm } from '../ui/controls.js';
import { MESSAGES } from '../ui/messages.js';
import { OWN_PATHS, OwnPageLayout } from '../ui/own-page-layout.js';
import { DonePart, EndButton, Facts, NothingPart } from './entry-parts.js';
import { Ago } from './moment.js';
import type { OwnDevice } from './own-devices.js';
import type { OwnFormProps } from './own-pages.js';
import { placeName } from './place-name.js';

export interface DevicesPageProps extends OwnFormProps {
  readonly devices: readonly OwnDevice[];
  readonly now: Date;
  readonly zone: string | undefined;
  /** One was just signed out. */
  readonly done: boolean;
}

/** The devices that somebody let in, each with a way to sign it out. */
export function DevicesPage(props: DevicesPageProps): JSX.Element {
  const { locale, devices, basePath, done } = props;
  const words = MESSAGES[locale].portal.devices;
  return (
    <OwnPageLayout {...props} title={words.title} lead={words.lead} part="devices">
      {done && <DonePart>{words.ended}</DonePart>}
      {devices.length === 0 ? (
        <NothingPart title={words.none}>{words.noneNote}</NothingPart>
      ) : (
        <ul class="rows">
          {devices.map((device) => (
            <Device {...props} device={device} key={device.id} />
          ))}
        </ul>
      )}
      <p>
        <a class="plain own-more" href={`${basePath}/device`}>
          {words.connect}
        </a>
      </p>
    </OwnPageLayout>
  );
}

function Device(props: DevicesPageProps & { readonly device: OwnDevice }): JSX.Element {
  const { locale, basePath, csrfToken, device, now, zone } = props;
  const words = MESSAGES[locale].portal.devices;
  const moment = { now, locale, zone };
  return (
    <li class="entry entry-split">
      <div>
        <h2>{device.app}</h2>
        <Facts
          facts={[
            [words.place, placeName(device.address, locale)],
            [words.since, <Ago at={device.since} {...moment} />],
            [words.lastUsed, <Ago at={device.lastUsedAt} {...moment} />],
          ]}
        />
      </div>
      <PostForm action={basePath + OWN_PATHS.devices} hidden={{ device: device.id, csrf_token: csrfToken }}>
        <EndButton what={words.endOf(device.app)}>{words.end}</EndButton>
      </PostForm>
    </li>
  );
}
