# A Lambda trigger with its own role, a log group with an end, and alarms.

locals {
  function_name = "${var.shared.name}-${var.bundle}"
  alarm_actions = compact([var.shared.alarm_topic_arn])
  environment   = { for name, value in var.environment : name => value if value != null }
  legacy = length(var.legacy_actions) == 0 ? [] : [
    var.legacy_role_arn == null
    ? { actions = var.legacy_actions, resource = var.legacy_pool_arn }
    : { actions = ["sts:AssumeRole"], resource = var.legacy_role_arn }
  ]
  # Errors that are not refusals: the codes are those of a TriggerError (docs/triggers.md). And a function that could not start, or
  # was stopped.
  failures = {
    failed  = "\"Invoke Error\" -\"ERR_SIGN_IN_REFUSED\" -\"ERR_USER_UNCONFIRMED\" -\"ERR_USER_DISABLED\" -\"ERR_CHALLENGE_REFUSED\" -\"ERR_FORGOT_PASSWORD_REFUSED\" -\"ERR_NO_VERIFIED_CONTACT\" -\"ERR_SIGN_UP_REFUSED\""
    stopped = "?\"Task timed out\" ?\"Uncaught Exception\" ?\"Runtime exited\""
  }
}

resource "aws_cloudwatch_log_group" "log" {
  name              = "/aws/lambda/${local.function_name}"
  retention_in_days = 30
}

resource "aws_iam_role" "role" {
  name = local.function_name
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "log" {
  name = "log"
  role = aws_iam_role.role.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.log.arn}:*"
    }]
  })
}

resource "aws_iam_role_policy" "access" {
  count = length(concat(local.legacy, var.statements)) == 0 ? 0 : 1
  name  = "access"
  role  = aws_iam_role.role.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for one in concat(local.legacy, var.statements) : { Effect = "Allow", Action = one.actions, Resource = one.resource }
    ]
  })
}

resource "aws_lambda_function" "function" {
  function_name    = local.function_name
  role             = aws_iam_role.role.arn
  filename         = var.shared.zip
  source_code_hash = var.shared.hash
  handler          = "${var.bundle}.handler"
  runtime          = "nodejs22.x"
  architectures    = ["arm64"]
  memory_size      = 1024
  # Cognito waits five seconds; the functions answer within four.
  timeout = 5

  environment {
    variables = local.environment
  }

  # The filters below read lines of text.
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.log.name
  }
}

resource "aws_lambda_permission" "pool" {
  action        = "lambda:InvokeFunction"
  principal     = "cognito-idp.amazonaws.com"
  source_arn    = var.invoked_by
  function_name = aws_lambda_function.function.function_name
}

resource "aws_cloudwatch_log_metric_filter" "failures" {
  for_each       = var.refuses ? local.failures : {}
  name           = "${local.function_name}-${each.key}"
  log_group_name = aws_cloudwatch_log_group.log.name
  pattern        = each.value

  metric_transformation {
    namespace = "CognitoCutover"
    name      = local.function_name
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${local.function_name}-errors"
  alarm_description   = "The trigger fails, and Cognito refuses what it was asked for."
  namespace           = var.refuses ? "CognitoCutover" : "AWS/Lambda"
  metric_name         = var.refuses ? local.function_name : "Errors"
  dimensions          = var.refuses ? {} : { FunctionName = local.function_name }
  statistic           = "Sum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = 1
  period              = 60
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
}

resource "aws_cloudwatch_metric_alarm" "throttles" {
  alarm_name          = "${local.function_name}-throttles"
  alarm_description   = "Lambda starts no further instance of the trigger. Raise the concurrency."
  namespace           = "AWS/Lambda"
  metric_name         = "Throttles"
  dimensions          = { FunctionName = local.function_name }
  statistic           = "Sum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = 1
  period              = 60
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
}

resource "aws_cloudwatch_metric_alarm" "duration" {
  alarm_name          = "${local.function_name}-duration"
  alarm_description   = "The trigger takes longer than four seconds. Cognito waits five."
  namespace           = "AWS/Lambda"
  metric_name         = "Duration"
  dimensions          = { FunctionName = local.function_name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 4000
  evaluation_periods  = 1
  period              = 60
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
}
