/** Tests and fixtures. */
@NullMarked
package io.millrace.metadata.acl;

import org.jspecify.annotations.NullMarked;
