variable "name" {
  description = "The start of the names of all resources."
  type        = string
  default     = "cutover"
}

variable "legacy_user_pool_id" {
  description = "In this account and Region. For another account, set legacy_role_arns."
  type        = string
}

variable "legacy_client_id" {
  description = "An app client of the legacy pool, only for the trigger, with ALLOW_ADMIN_USER_PASSWORD_AUTH."
  type        = string
}

# The state file holds it, as it holds the environment of every function: keep the state encrypted.
variable "legacy_client_secret" {
  type      = string
  default   = ""
  sensitive = true
}

variable "legacy_role_arns" {
  description = "For a legacy pool in another account: three roles there, each with the permissions of its function. Set all or none."
  type = object({
    user_migration    = optional(string)
    pre_sign_up       = optional(string)
    post_confirmation = optional(string)
  })
  default = {}

  validation {
    condition     = contains([0, 3], length(compact(values(var.legacy_role_arns))))
    error_message = "Set all three legacy roles, or none."
  }
}

variable "session_handover" {
  description = "Whether apps may exchange sessions of the legacy pool for new ones (custom authentication)."
  type        = bool
  default     = false
}

variable "legacy_app_client_ids" {
  description = "For session hand-over, the app clients whose access tokens are accepted."
  type        = list(string)
  default     = []
}

variable "handover_client_ids" {
  description = "For session hand-over, the new pool's app clients that may be handed a session (new_client_id, after the first apply)."
  type        = list(string)
  default     = []
}

variable "own_sub_trigger" {
  description = "Whether to create the trigger of the legacy pool that puts a user's own sub into tokens. README.md has the command that attaches it."
  type        = bool
  default     = true
}

variable "alarm_topic_arn" {
  description = "The SNS topic that the alarms notify. Without one, alarms only change their state."
  type        = string
  default     = null
}

variable "bundles" {
  description = "The folder into which examples/triggers/build.mjs writes the functions."
  type        = string
  default     = null
}
