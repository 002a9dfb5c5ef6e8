# A new user pool whose users keep their legacy ids, with the triggers that ensure it.

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

data "archive_file" "bundles" {
  type        = "zip"
  source_dir  = coalesce(var.bundles, "${path.module}/../triggers/dist")
  output_path = "${path.root}/.terraform/cutover-triggers.zip"
}

locals {
  # The Region is the first part of the pool's id. Its attribute has different names in versions 5 and 6 of the provider.
  legacy_region   = split("_", var.legacy_user_pool_id)[0]
  legacy_pool_arn = "arn:${data.aws_partition.current.partition}:cognito-idp:${local.legacy_region}:${data.aws_caller_identity.current.account_id}:userpool/${var.legacy_user_pool_id}"
}

resource "aws_cognito_user_pool" "new" {
  name = "${var.name}-new"
  # Access tokens can be customised on Essentials and Plus. On Lite set lambda_version to V1_0: ID tokens only.
  user_pool_tier           = "ESSENTIALS"
  deletion_protection      = "ACTIVE"
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  # settings.mjs passes these three to the migration function, so that no first sign-in has to read them. Change both.
  mfa_configuration = "OFF"

  username_configuration {
    case_sensitive = false
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  # The limits have to stand here, or each plan finds a difference.
  schema {
    name                = "email"
    attribute_data_type = "String"
    required            = true
    mutable             = true

    string_attribute_constraints {
      min_length = 0
      max_length = 2048
    }
  }

  # Mutable, because the sync script writes it after the user was created.
  schema {
    name                = "legacy_sub"
    attribute_data_type = "String"
    mutable             = true

    string_attribute_constraints {
      min_length = 0
      # A limit can never be raised: leave room for other legacy ids.
      max_length = 2048
    }
  }

  lambda_config {
    user_migration                 = module.user_migration.arn
    pre_sign_up                    = module.pre_sign_up.arn
    post_confirmation              = module.post_confirmation.arn
    define_auth_challenge          = one(module.session_handover[*].arn)
    create_auth_challenge          = one(module.session_handover[*].arn)
    verify_auth_challenge_response = one(module.session_handover[*].arn)

    pre_token_generation_config {
      lambda_arn     = module.pre_token_generation.arn
      lambda_version = "V2_0"
    }
  }

  # A pool that Terraform replaces is a pool without users. See README.md before you change this.
  lifecycle {
    prevent_destroy = true
    ignore_changes  = [schema]
  }
}

resource "aws_cognito_user_pool_client" "app" {
  name         = "${var.name}-app"
  user_pool_id = aws_cognito_user_pool.new.id
  # The migration trigger sees passwords only where the app sends them: not with SRP or passkeys.
  explicit_auth_flows = concat(
    ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    var.session_handover ? ["ALLOW_CUSTOM_AUTH"] : [],
  )
  prevent_user_existence_errors = "ENABLED"
  read_attributes               = ["email", "email_verified", "custom:legacy_sub"]
  # Always set this list: without it, users of the client may write the mapping attribute and become any other user.
  write_attributes = ["email"]

  lifecycle {
    prevent_destroy = true

    precondition {
      condition     = !var.session_handover || length(var.legacy_app_client_ids) > 0
      error_message = "Set legacy_app_client_ids for session hand-over."
    }
  }
}

resource "aws_dynamodb_table" "mapping" {
  name                        = "${var.name}-legacy-ids"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "newSub"
  deletion_protection_enabled = true

  attribute {
    name = "newSub"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  lifecycle {
    prevent_destroy = true
  }
}

# The legacy tokens that were exchanged. It stays when hand-over is switched off, so that none is accepted again when it is switched on.
resource "aws_dynamodb_table" "once" {
  name         = "${var.name}-exchanged-tokens"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"

  attribute {
    name = "pk"
    type = "S"
  }

  ttl {
    attribute_name = "expiresAt"
    enabled        = true
  }
}
