/** Tests and fixtures. */
@NullMarked
package io.millrace.metadata.topic;

import org.jspecify.annotations.NullMarked;
