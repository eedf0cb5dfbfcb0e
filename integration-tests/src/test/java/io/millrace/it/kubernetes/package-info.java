/** Tests of the container image and of the Kubernetes manifests in the folder {@code k8s}. */
@NullMarked
package io.millrace.it.kubernetes;

import org.jspecify.annotations.NullMarked;
