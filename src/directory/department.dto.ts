import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { AnswerField } from '../admin/fields.js';
import { ListQuery } from '../admin/list-page.js';

const ID = /^[A-Za-z0-9._-]{1,64}$/;

/** Which departments. */
export class DepartmentQuery extends ListQuery {
  @ApiProperty({ type: String, required: false, description: 'Only those of this identity source.' })
  @IsOptional()
  @Matches(ID, { message: 'must be an id' })
  source?: string;

  @ApiProperty({
    type: String,
    required: false,
    description: 'Only those directly below this department; `none`: only those at the top.',
  })
  @IsOptional()
  @Matches(ID, { message: 'must be an id, or none' })
  parent?: string;
}

/** Which members of a department. */
export class MemberQuery extends ListQuery {
  @ApiProperty({
    type: String,
    enum: ['true', 'false'],
    required: false,
    description: 'Also those of all departments below. Somebody with several places is listed once for each.',
  })
  @IsOptional()
  @IsIn(['true', 'false'], { message: 'must be true or false' })
  subtree?: string;
}

export class DepartmentStep {
  @AnswerField({ type: String, required: true, example: 'Yk0yq3n2mRcdQ1ZwmH3vAq' })
  id: string;

  @AnswerField({ type: String, required: true, example: 'Acme' })
  name: string;
}

/** A department of an organisation's directory. */
export class Department {
  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw' })
  id: string;

  @AnswerField({ type: String, required: true, example: 'acme', description: 'The identity source that it is of.' })
  source: string;

  @AnswerField({ type: String, required: true, example: '100', description: "The directory's own id of it." })
  external_id: string;

  @AnswerField({ type: String, required: true, nullable: true, description: 'Null at the top.' })
  parent: string | null;

  @AnswerField({ type: String, required: true, example: 'Research' })
  name: string;

  @AnswerField({ type: Number, required: true, nullable: true, description: 'Among its siblings, small first.' })
  order: number | null;
}

export class DepartmentManager {
  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw' })
  user_id: string;

  @AnswerField({ type: String, required: true, example: 'li.hua' })
  username: string;

  @AnswerField({ type: String, required: true, nullable: true, example: 'Li Hua' })
  name: string | null;
}

/** A department with what stands around it. */
export class DepartmentDetails extends Department {
  @AnswerField({ type: () => [DepartmentStep], required: true, description: 'From the top down to itself.' })
  path: DepartmentStep[];

  @AnswerField({ type: () => [DepartmentManager], required: true })
  managers: DepartmentManager[];

  @AnswerField({ type: 'integer', required: true, description: 'People in the department itself.' })
  members: number;

  @AnswerField({ type: 'integer', required: true, description: 'People in it and below it, each once.' })
  members_of_subtree: number;

  @AnswerField({ type: 'integer', required: true, description: 'Departments directly below it.' })
  departments: number;
}

/** A person in a department. */
export class DepartmentMember extends DepartmentManager {
  @AnswerField({ type: String, required: true, enum: ['active', 'disabled'] })
  status: string;

  @AnswerField({ type: String, required: true, description: 'The department that the place is in.' })
  department: string;

  @AnswerField({ type: Boolean, required: true, description: 'Leads the department.' })
  leader: boolean;

  @AnswerField({ type: String, required: true, description: 'The position there; empty when it is not known.' })
  title: string;

  @AnswerField({ type: Boolean, required: true, description: "The person's main department." })
  main: boolean;
}

/** A department of a person. */
export class UserDepartment extends Department {
  @AnswerField({ type: () => [DepartmentStep], required: true, description: 'From the top down to the department.' })
  path: DepartmentStep[];

  @AnswerField({ type: Boolean, required: true, description: 'Leads the department.' })
  leader: boolean;

  @AnswerField({ type: String, required: true, description: 'The position there; empty when it is not known.' })
  title: string;

  @AnswerField({ type: Boolean, required: true, description: "The person's main department." })
  main: boolean;
}
