terraform {
  required_version = ">= 1.5"

  required_providers {
    # 5.41 has pre_token_generation_config, 5.83 has user_pool_tier.
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.83, < 7.0"
    }
    archive = {
      source  = "hashicorp/archive"
      version = "~> 2.4"
    }
  }
}
