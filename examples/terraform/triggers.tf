# Each function with its own role. What each may do is what examples/triggers/permissions.json says.

locals {
  triggers = {
    name            = var.name
    zip             = data.archive_file.bundles.output_path
    hash            = data.archive_file.bundles.output_base64sha256
    alarm_topic_arn = var.alarm_topic_arn
  }
}

module "user_migration" {
  source  = "./trigger"
  shared  = local.triggers
  bundle  = "user-migration"
  refuses = true

  environment = {
    LEGACY_USER_POOL_ID  = var.legacy_user_pool_id
    LEGACY_CLIENT_ID     = var.legacy_client_id
    LEGACY_CLIENT_SECRET = var.legacy_client_secret
    LEGACY_ROLE_ARN      = var.legacy_role_arns.user_migration
  }

  invoked_by      = aws_cognito_user_pool.new.arn
  legacy_pool_arn = local.legacy_pool_arn
  legacy_role_arn = var.legacy_role_arns.user_migration
  # AdminInitiateAuth can be used to test passwords, so no other function has it.
  legacy_actions = ["cognito-idp:AdminInitiateAuth", "cognito-idp:AdminGetUser", "cognito-idp:DescribeUserPool"]
  statements = [
    # For settings that settings.mjs leaves out of `newPool`.
    { actions = ["cognito-idp:DescribeUserPool"], resource = aws_cognito_user_pool.new.arn },
  ]
}

module "pre_token_generation" {
  source = "./trigger"
  shared = local.triggers
  bundle = "pre-token-generation"

  environment = {
    LEGACY_USER_POOL_ID = var.legacy_user_pool_id
    MAPPING_TABLE       = aws_dynamodb_table.mapping.name
  }

  invoked_by = aws_cognito_user_pool.new.arn
  statements = [
    { actions = ["dynamodb:GetItem"], resource = aws_dynamodb_table.mapping.arn },
  ]
}

module "pre_sign_up" {
  source  = "./trigger"
  shared  = local.triggers
  bundle  = "pre-sign-up"
  refuses = true

  environment = {
    LEGACY_USER_POOL_ID = var.legacy_user_pool_id
    LEGACY_ROLE_ARN     = var.legacy_role_arns.pre_sign_up
  }

  invoked_by      = aws_cognito_user_pool.new.arn
  legacy_pool_arn = local.legacy_pool_arn
  legacy_role_arn = var.legacy_role_arns.pre_sign_up
  legacy_actions  = ["cognito-idp:ListUsers"]
  statements = [
    { actions = ["cognito-idp:ListUsers"], resource = aws_cognito_user_pool.new.arn },
  ]
}

module "post_confirmation" {
  source = "./trigger"
  shared = local.triggers
  bundle = "post-confirmation"

  environment = {
    LEGACY_USER_POOL_ID = var.legacy_user_pool_id
    LEGACY_ROLE_ARN     = var.legacy_role_arns.post_confirmation
    MAPPING_TABLE       = aws_dynamodb_table.mapping.name
  }

  invoked_by      = aws_cognito_user_pool.new.arn
  legacy_pool_arn = local.legacy_pool_arn
  legacy_role_arn = var.legacy_role_arns.post_confirmation
  legacy_actions  = ["cognito-idp:ListUsers", "cognito-idp:AdminListGroupsForUser"]
  statements = [
    {
      actions = [
        "cognito-idp:ListUsers",
        "cognito-idp:AdminUpdateUserAttributes",
        "cognito-idp:AdminAddUserToGroup",
        "cognito-idp:AdminDisableUser",
      ]
      resource = aws_cognito_user_pool.new.arn
    },
    { actions = ["dynamodb:GetItem", "dynamodb:PutItem"], resource = aws_dynamodb_table.mapping.arn },
  ]
}

# Which clients it serves is a variable, because the client depends on the pool, and the pool on this function.
module "session_handover" {
  count  = var.session_handover ? 1 : 0
  source = "./trigger"
  shared = local.triggers
  bundle = "session-handover"

  environment = {
    LEGACY_USER_POOL_ID   = var.legacy_user_pool_id
    LEGACY_APP_CLIENT_IDS = join(",", var.legacy_app_client_ids)
    HANDOVER_CLIENT_IDS   = join(",", var.handover_client_ids)
    MAPPING_TABLE         = aws_dynamodb_table.mapping.name
    USED_TOKENS_TABLE     = aws_dynamodb_table.once.name
  }

  invoked_by = aws_cognito_user_pool.new.arn
  # GetUser, which it calls at the legacy pool, is authorised by the user's token.
  statements = [
    { actions = ["cognito-idp:AdminGetUser"], resource = aws_cognito_user_pool.new.arn },
    { actions = ["dynamodb:GetItem"], resource = aws_dynamodb_table.mapping.arn },
    { actions = ["dynamodb:PutItem"], resource = aws_dynamodb_table.once.arn },
  ]
}

# For the legacy pool, which Terraform does not change here: README.md has the command that attaches it. For a legacy pool in another
# account set own_sub_trigger to false, and use ./trigger in that account's configuration.
module "legacy_pre_token_generation" {
  count  = var.own_sub_trigger ? 1 : 0
  source = "./trigger"
  shared = local.triggers
  bundle = "legacy-pre-token-generation"

  # It refuses to work for any other pool.
  environment = {
    LEGACY_USER_POOL_ID = var.legacy_user_pool_id
  }

  invoked_by = local.legacy_pool_arn
  statements = []
}
