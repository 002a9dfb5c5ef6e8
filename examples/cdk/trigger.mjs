import { fileURLToPath } from 'node:url';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Policy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, LogGroup, MetricFilter, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** The bundles that examples/triggers/build.mjs writes. */
const BUNDLES = fileURLToPath(new URL('../triggers/dist', import.meta.url));

/** An error that is not a refusal. The codes are those of a TriggerError (docs/triggers.md). */
const FAILED = [
  '"Invoke Error"',
  ...['ERR_SIGN_IN_REFUSED', 'ERR_USER_UNCONFIRMED', 'ERR_USER_DISABLED', 'ERR_CHALLENGE_REFUSED'].map(not),
  ...['ERR_FORGOT_PASSWORD_REFUSED', 'ERR_NO_VERIFIED_CONTACT', 'ERR_SIGN_UP_REFUSED'].map(not),
].join(' ');
/** A function that could not start, or was stopped. */
const STOPPED = '?"Task timed out" ?"Uncaught Exception" ?"Runtime exited"';

/**
 * A Lambda trigger with its own role, a log group with an end, and alarms.
 *
 * @typedef {object} TriggerProps
 * @property {string} bundle the name of the file in examples/triggers, without its ending
 * @property {Record<string, string>} environment
 * @property {boolean} [refuses] whether it refuses people by an error. Lambda's metric counts each wrong password then, so the log
 *   is counted instead.
 * @property {import('aws-cdk-lib/aws-sns').ITopic} [alarmTopic]
 */
export class Trigger extends Construct {
  #role;

  /**
   * @param {Construct} scope
   * @param {string} id
   * @param {TriggerProps} props
   */
  constructor(scope, id, { bundle, environment, refuses = false, alarmTopic }) {
    super(scope, id);
    this.logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.#role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        log: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [this.logGroup.logGroupArn],
            }),
          ],
        }),
      },
    });
    this.function = new LambdaFunction(this, 'Function', {
      runtime: Runtime.NODEJS_22_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(BUNDLES),
      handler: `${bundle}.handler`,
      role: this.#role,
      environment,
      memorySize: 1024,
      // Cognito waits five seconds; the functions answer within four.
      timeout: Duration.seconds(5),
      logGroup: this.logGroup,
      // The filters below read lines of text.
      loggingFormat: LoggingFormat.TEXT,
    });
    this.#alarms(refuses, alarmTopic);
  }

  /**
   * A policy of its own, which depends on the pool: if the role held it, pool and function would each wait for the other.
   *
   * @param {{ actions: string[], resource: string }[]} statements
   */
  allow(statements) {
    new Policy(this, 'Access', {
      roles: [this.#role],
      statements: statements.map(({ actions, resource }) => new PolicyStatement({ actions, resources: [resource] })),
    });
  }

  #alarms(refuses, alarmTopic) {
    const period = Duration.minutes(1);
    const metrics = {
      Errors: refuses ? this.#failures(period) : this.function.metricErrors({ period }),
      Throttles: this.function.metricThrottles({ period }),
      Duration: this.function.metricDuration({ period, statistic: Stats.MAXIMUM }),
    };
    for (const [name, metric] of Object.entries(metrics)) {
      const alarm = metric.createAlarm(this, name, {
        evaluationPeriods: 1,
        ...(name === 'Duration'
          ? { threshold: 4000, comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD }
          : { threshold: 1 }),
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      if (alarmTopic !== undefined) alarm.addAlarmAction(new SnsAction(alarmTopic));
    }
  }

  #failures(period) {
    const { logGroup } = this;
    const metric = { metricNamespace: 'CognitoCutover', metricName: this.function.functionName };
    for (const [id, pattern] of Object.entries({ Failed: FAILED, Stopped: STOPPED }))
      new MetricFilter(this, id, { logGroup, filterPattern: FilterPattern.literal(pattern), ...metric });
    return new Metric({
      namespace: metric.metricNamespace,
      metricName: metric.metricName,
      statistic: Stats.SUM,
      period,
    });
  }
}

function not(code) {
  return `-"${code}"`;
}
