import { Injectable } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import type { Client } from '../app-registry/client.js';
import type { AppTemplate } from './app-template.js';

/** An app's template, with the app's settings for it. */
export interface TemplateOfApp {
  readonly template: AppTemplate;
  /** An instance of the template's class of settings. */
  readonly settings: object;
}

/** The templates that this server has. Their rooms stand below and tell. */
@Injectable()
export class AppTemplates {
  private readonly templates = new Map<string, AppTemplate>();
  /** Apps are held for a second and asked often; whoever is changed is another object. */
  private readonly settingsOf = new WeakMap<Client, object>();

  /**
   * To be called when the template is constructed.
   *
   * @throws {Error} when there is one of that id
   */
  declare(template: AppTemplate): void {
    if (this.templates.has(template.id)) throw new Error(`there are two app templates called ${template.id}`);
    this.templates.set(template.id, template);
  }

  /** In the order of their ids. */
  all(): readonly AppTemplate[] {
    return [...this.templates.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  find(id: string): AppTemplate | undefined {
    return this.templates.get(id);
  }

  /** @returns undefined for an app like any other, and for one whose template this server does not have */
  of(client: Client): TemplateOfApp | undefined {
    const { template: id, templateSettings } = client.metadata;
    const template = id === null ? undefined : this.templates.get(id);
    if (template === undefined) return undefined;
    const settings = this.settingsOf.get(client) ?? plainToInstance(template.settings, templateSettings ?? {});
    this.settingsOf.set(client, settings);
    return { template, settings };
  }
}
