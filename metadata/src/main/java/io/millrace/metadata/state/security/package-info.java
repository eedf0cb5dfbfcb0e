/** The ACLs and quotas of the metadata state. */
@NullMarked
package io.millrace.metadata.state.security;

import org.jspecify.annotations.NullMarked;
