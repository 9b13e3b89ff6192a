# Every third-party library, as one target each: lib_<name>. All come from Debian's packages
# (script/packages.txt); a change here needs a decision note.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CURL REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(date CONFIG REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
# Debian's own CMake file of XGBoost also asks for a program that no package has.
find_path(XGBOOST_INCLUDE_DIR xgboost/c_api.h REQUIRED)
find_library(XGBOOST_LIBRARY xgboost REQUIRED)
find_package(rabbitmq-c CONFIG REQUIRED)
# Debian's CMake file of hiredis names no target.
find_path(HIREDIS_INCLUDE_DIR hiredis/hiredis.h REQUIRED)
find_library(HIREDIS_LIBRARY hiredis REQUIRED)
add_library(hiredis_c UNKNOWN IMPORTED)
set_target_properties(hiredis_c PROPERTIES IMPORTED_LOCATION ${HIREDIS_LIBRARY}
                      INTERFACE_INCLUDE_DIRECTORIES ${HIREDIS_INCLUDE_DIR})
# Debian's CMake file of mimalloc names a static library that no package has.
find_library(MIMALLOC_LIBRARY mimalloc REQUIRED)
# Debian's libzstd has no CMake file.
find_path(ZSTD_INCLUDE_DIR zstd.h REQUIRED)
find_library(ZSTD_LIBRARY zstd REQUIRED)
add_library(zstd_c UNKNOWN IMPORTED)
set_target_properties(zstd_c PROPERTIES IMPORTED_LOCATION ${ZSTD_LIBRARY}
                      INTERFACE_INCLUDE_DIRECTORIES ${ZSTD_INCLUDE_DIR})
add_library(xgboost_c UNKNOWN IMPORTED)
set_target_properties(xgboost_c PROPERTIES IMPORTED_LOCATION ${XGBOOST_LIBRARY}
                      INTERFACE_INCLUDE_DIRECTORIES ${XGBOOST_INCLUDE_DIR})

function(rankloop_library name)
  add_library(lib_${name} INTERFACE)
  foreach(target IN LISTS ARGN)
    # Their headers are theirs: no warnings of ours.
    get_target_property(dirs ${target} INTERFACE_INCLUDE_DIRECTORIES)
    if(dirs)
      target_include_directories(lib_${name} SYSTEM INTERFACE ${dirs})
    endif()
    target_link_libraries(lib_${name} INTERFACE ${target})
  endforeach()
endfunction()

rankloop_library(boost_json Boost::json)
rankloop_library(boost_url Boost::url)
rankloop_library(boost_asio Boost::headers Threads::Threads)
# Asio and Beast are compiled once each, in http/.
target_compile_definitions(lib_boost_asio INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  # Beast 1.81 asserts (n >= 5) when the last chunk of a body arrives in pieces; without assertions it reads on.
  BOOST_DISABLE_ASSERTS)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 does not see that the frames of Asio's coroutines have an operator new of their own, nor that an executor
  # always has its context.
  target_compile_options(lib_boost_asio INTERFACE -Wno-mismatched-new-delete -Wno-null-dereference)
endif()
rankloop_library(crypto OpenSSL::Crypto)
rankloop_library(sqlite SQLite::SQLite3)
rankloop_library(postgresql PostgreSQL::PostgreSQL)
rankloop_library(zlib ZLIB::ZLIB)
rankloop_library(zstd zstd_c)
rankloop_library(curl CURL::libcurl)
rankloop_library(fmt fmt::fmt spdlog::spdlog)
rankloop_library(date date::date-tz)
rankloop_library(icu ICU::uc)
rankloop_library(tomlplusplus tomlplusplus::tomlplusplus)
rankloop_library(cli11 CLI11::CLI11)
rankloop_library(prometheus prometheus-cpp::core)
rankloop_library(eigen Eigen3::Eigen)
rankloop_library(xgboost xgboost_c)
rankloop_library(rabbitmq rabbitmq::rabbitmq)
rankloop_library(hiredis hiredis_c)
