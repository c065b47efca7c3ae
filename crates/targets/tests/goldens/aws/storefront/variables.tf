variable "image_api" {
  description = "The image of `api`, built from its source and pushed, by its digest"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image_api))
    error_message = "Name the image by its digest: REGISTRY/NAME@sha256:..."
  }
}

variable "image_web" {
  description = "The image of `web`, built from its source and pushed, by its digest"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image_web))
    error_message = "Name the image by its digest: REGISTRY/NAME@sha256:..."
  }
}

variable "image_worker" {
  description = "The image of `worker`, built from its source and pushed, by its digest"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image_worker))
    error_message = "Name the image by its digest: REGISTRY/NAME@sha256:..."
  }
}

variable "secret_api_database_url" {
  description = "Where the cloud's own store of secrets keeps the whole text of `DATABASE_URL` of `api`: its identifier, never its value"
  type        = string
  nullable    = false
}
