# Puts the files of the status page into a source file, with the hashes by which the browser is told
# that they, and nothing else, may be run.

# SHA-256 in base64, as Content-Security-Policy wants it: 66 hexadecimal digits, the last two of
# them filling, are 22 groups of 12 bits, and each group is two characters.
function(base64_sha256 text result)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  string(SHA256 hex "${text}")
  string(APPEND hex "00")
  set(encoded "")
  foreach(at RANGE 0 63 3)
    string(SUBSTRING "${hex}" ${at} 3 digits)
    math(EXPR high "0x${digits} >> 6")
    math(EXPR low "0x${digits} & 63")
    string(SUBSTRING "${alphabet}" ${high} 1 first)
    string(SUBSTRING "${alphabet}" ${low} 1 second)
    string(APPEND encoded "${first}${second}")
  endforeach()
  string(SUBSTRING "${encoded}" 0 43 encoded)
  set(${result} "${encoded}=" PARENT_SCOPE)
endfunction()

function(embed_page folder output)
  foreach(kind html css js)
    set(file ${folder}/page.${kind})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} text)
    string(TOUPPER ${kind} name)
    set(HAGUARD_PAGE_${name} "${text}")
    base64_sha256("${text}" HAGUARD_PAGE_${name}_HASH)
  endforeach()
  configure_file(${folder}/page_files.cpp.in ${output} @ONLY)
endfunction()
